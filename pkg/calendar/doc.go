// Package calendar says when something is open: weekly windows, weekly
// closings, and dated freezes, all by the clock on the wall of one time zone.
//
// # The clock on the wall
//
// A moment is judged by what the clock shows in the zone. Where a clock is put
// forward or back, what it shows is not clear, and the calendar takes the
// reading that keeps closed. Exactly:
//
//   - A change of the clocks at moment T, by d, has an old clock (the offset
//     before T) and a new clock (the offset from T on).
//   - From T-d until T+d, T+d itself excluded, a moment has two readings: what
//     the old clock shows and what the new clock shows. At every other moment it
//     has one. These are the moments of which one of the readings falls into the
//     time of day that the change skips or repeats.
//   - A moment is in an opening only if all its readings are in an opening.
//   - A moment is in a closing or a freeze if any of its readings is.
//
// So a closing that lies in a skipped hour still closes, an hour that is
// repeated closes twice, and an opening that lies in such an hour opens never.
// Where two changes are so near to one another that both rules hold, the
// readings of both count.
//
// # Starts and ends
//
// A start belongs to the window, an end does not. Windows of one list are a
// union. Closings and freezes beat openings. A calendar without openings is open
// except for its closings and freezes.
//
// # The time zones
//
// The database is part of the program: time.LoadLocation would follow the
// variable ZONEINFO and the files of the machine, and an earlier step of a
// workflow can set either. The file is that of Go itself, which is made from
// the IANA's and in the public domain. To renew it:
//
//	gzip -9 -n < "$(go env GOROOT)/lib/time/zoneinfo.zip" > pkg/calendar/zoneinfo.zip.gz
//
// and write the checksum of what is in it into zone_test.go. It is not made by "go generate",
// because the result would depend on which Go is installed.
//
// The package is pure: it must not know what time it is, where it is, nor what
// the calendar is for.
package calendar
