// Package fields compares the fields of an object that was written with those that the API server has of it.
package fields

// Common reduces what the server stored to what was written: it adds defaults and fields of its own.
func Common(written, stored any) any {
	switch written := written.(type) {
	case map[string]any:
		fields, ok := stored.(map[string]any)
		if !ok {
			return stored
		}
		reduced := map[string]any{}
		for key, value := range written {
			if _, exists := fields[key]; exists {
				reduced[key] = Common(value, fields[key])
			}
		}
		return reduced
	case []any:
		elements, ok := stored.([]any)
		if !ok || len(elements) != len(written) {
			return stored
		}
		reduced := make([]any, len(written))
		for i := range written {
			reduced[i] = Common(written[i], elements[i])
		}
		return reduced
	}
	return stored
}

// Count returns the number of single values. A map or list that is empty counts as one.
func Count(value any) int {
	count := 0
	switch value := value.(type) {
	case map[string]any:
		for _, field := range value {
			count += Count(field)
		}
	case []any:
		for _, element := range value {
			count += Count(element)
		}
	}
	return max(count, 1)
}
