package main

import "syscall"

// virtualTerminal is ENABLE_VIRTUAL_TERMINAL_PROCESSING.
const virtualTerminal = 0x0004

// understandsColours asks a console of Windows to read control sequences. One of
// before Windows 10 cannot, and would show them.
// Source: https://learn.microsoft.com/windows/console/setconsolemode.
func understandsColours(console uintptr) bool {
	var mode uint32
	if err := syscall.GetConsoleMode(syscall.Handle(console), &mode); err != nil {
		return false
	}
	if mode&virtualTerminal != 0 {
		return true
	}
	done, _, _ := syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode").Call(console, uintptr(mode|virtualTerminal))
	return done != 0
}
