package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// How many colours a picture may have that is kept in the repository: letters need
// few, and a palette of them takes a quarter of the space. The frequent ones are for
// the letters, the others for the signs.
const (
	maxColours = 64
	frequent   = 40
)

// shrink writes pictures into a folder, with a palette each. The same picture gives
// the same bytes.
func shrink(into string, paths []string) error {
	if err := os.MkdirAll(into, 0o750); err != nil {
		return err
	}
	for _, path := range paths {
		data, err := os.ReadFile(path) //nolint:gosec // the file that the caller names
		if err != nil {
			return err
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		var out bytes.Buffer
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		if err := encoder.Encode(&out, withPalette(picture)); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(into, filepath.Base(path)), out.Bytes(), 0o644); err != nil { //nolint:gosec // to be read by everybody
			return err
		}
	}
	return nil
}

// withPalette returns a picture with few colours: the most frequent ones, and those
// that are missed most after them. Each other one becomes the nearest of them.
func withPalette(picture image.Image) *image.Paletted {
	bounds := picture.Bounds()
	counts := map[color.RGBA]int{}
	each(bounds, func(x, y int) { counts[at(picture, x, y)]++ })
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(number(a), number(b)))
	})
	chosen := slices.Clone(colours[:min(len(colours), frequent)])
	for len(chosen) < min(len(colours), maxColours) {
		chosen = append(chosen, missed(chosen, colours, counts))
	}
	palette := make(color.Palette, len(chosen))
	for i, one := range chosen {
		palette[i] = one
	}
	shown := map[color.RGBA]uint8{}
	for _, one := range colours {
		index, _ := nearest(chosen, one)
		shown[one] = uint8(index) //nolint:gosec // less than maxColours
	}
	small := image.NewPaletted(bounds, palette)
	each(bounds, func(x, y int) { small.SetColorIndex(x, y, shown[at(picture, x, y)]) })
	return small
}

// missed returns the colour that those which are chosen show worst, counted by how
// often it is there.
func missed(chosen, colours []color.RGBA, counts map[color.RGBA]int) color.RGBA {
	worst, most := colours[0], -1
	for _, one := range colours {
		if _, wrong := nearest(chosen, one); wrong*counts[one] > most {
			worst, most = one, wrong*counts[one]
		}
	}
	return worst
}

// nearest returns which of some colours is nearest to another, and how far that is.
func nearest(chosen []color.RGBA, one color.RGBA) (index, least int) {
	least = -1
	for i, other := range chosen {
		red, green, blue := int(one.R)-int(other.R), int(one.G)-int(other.G), int(one.B)-int(other.B)
		if away := red*red + green*green + blue*blue; least < 0 || away < least {
			index, least = i, away
		}
	}
	return index, least
}

func each(bounds image.Rectangle, visit func(x, y int)) {
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			visit(x, y)
		}
	}
}

func at(picture image.Image, x, y int) color.RGBA {
	red, green, blue, alpha := picture.At(x, y).RGBA()                                         // 16 bits each
	return color.RGBA{uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8), uint8(alpha >> 8)} //nolint:gosec // eight of them
}

func number(c color.RGBA) uint32 {
	return uint32(c.R)<<24 | uint32(c.G)<<16 | uint32(c.B)<<8 | uint32(c.A)
}
