package gate

import (
	"fmt"
	"strings"
)

// listed joins texts for a sentence, at most so many of them, and says how
// many are left out.
func listed(texts []string, separator string, most int) string {
	if len(texts) <= most {
		return strings.Join(texts, separator)
	}
	return fmt.Sprintf("%s%sand %d more", strings.Join(texts[:most], separator), separator, len(texts)-most)
}
