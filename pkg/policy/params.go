package policy

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// Param is one parameter of a gate as a stage uses it.
type Param struct {
	Name string
	// Value is written as in a policy, on one line.
	Value string
	// Origin says where it was said: "preset three-stage", a file with its line,
	// "default", or "the stage" where the gate takes it from what the policy says of the
	// stage.
	Origin string
}

// paramsOf returns the parameters of a gate with what each of them is and where that
// was said, in the order of the gate's page. Those that say nothing are left out.
func paramsOf(d draftGate, defaults any, check gate.Check) []Param {
	values := reflect.ValueOf(check.Params)
	if values.Kind() != reflect.Struct {
		return nil
	}
	before := reflect.ValueOf(defaults)
	var params []Param
	for i := range values.NumField() {
		name := keyOf(values.Type().Field(i))
		at, given := d.params.Child(name)
		if name == "" || values.Field(i).IsZero() && !given {
			continue
		}
		from := "the stage"
		switch {
		case given:
			from = origin(d.layer, at)
		case reflect.DeepEqual(values.Field(i).Interface(), before.Field(i).Interface()):
			from = "default"
		}
		params = append(params, Param{Name: name, Value: written(values.Field(i)), Origin: from})
	}
	return params
}

func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	return key
}

// written writes a value as it could stand in a policy, on one line.
func written(value reflect.Value) string {
	switch value.Kind() {
	case reflect.Slice:
		parts := make([]string, value.Len())
		for i := range parts {
			parts[i] = written(value.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Struct:
		var parts []string
		for i := range value.NumField() {
			if key := keyOf(value.Type().Field(i)); key != "" && !value.Field(i).IsZero() {
				parts = append(parts, key+": "+written(value.Field(i)))
			}
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case reflect.String:
		return strict.Plain(value.String())
	case reflect.Bool:
		return strconv.FormatBool(value.Bool())
	}
	return fmt.Sprint(value.Interface())
}
