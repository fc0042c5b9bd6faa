//go:build !cgo

package ppocr

func start([]string) error { return ErrNotBuilt }

// A session can do nothing here.
type session struct{}

func openSession(string) (*session, error) { return nil, ErrNotBuilt }

func (*session) close() error { return nil }

func (*session) run([]float32, []int64) ([]float32, []int64, error) { return nil, nil, ErrNotBuilt }
