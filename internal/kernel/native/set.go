package native

// set is a JavaScript Set: it keeps the order in which its elements were added.
type set[T comparable] struct {
	list []T
	has  map[T]bool
}

// add reports whether the element is new.
func (s *set[T]) add(element T) bool {
	if s.has[element] {
		return false
	}
	if s.has == nil {
		s.has = map[T]bool{}
	}
	s.has[element] = true
	s.list = append(s.list, element)
	return true
}
