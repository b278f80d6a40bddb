package report

// What the black-box tests look at besides the channels themselves.
var (
	Inline      = inline
	Instruction = instruction
	Code        = code
	Plain       = plain
	Address     = address
	Cells       = cells
	Pieces      = pieces
)
