//go:build cgo

package ppocr

import (
	"errors"
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// started guards the one ONNX Runtime that a process can have.
var started sync.Mutex

// start loads the first of libraries that can be loaded, unless one is loaded
// already.
func start(libraries []string) error {
	started.Lock()
	defer started.Unlock()
	if ort.IsInitialized() {
		return nil
	}
	var errs []error
	for _, file := range libraries {
		ort.SetSharedLibraryPath(file)
		err := ort.InitializeEnvironment(ort.WithLogLevelError())
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return fmt.Errorf("%w: %w", ErrRuntime, errors.Join(errs...))
}

// A session runs a network that has one input and one output.
type session struct{ s *ort.DynamicAdvancedSession }

func openSession(file string) (*session, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer free(options)
	// One thread: the processes are as many as the cores. No plan of the
	// memory, which would be one for every width of a line.
	if err := errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1), options.SetMemPattern(false)); err != nil {
		return nil, err
	}
	in, out, err := ort.GetInputOutputInfoWithOptions(file, options)
	if err != nil {
		return nil, err
	}
	if len(in) != 1 || len(out) != 1 {
		return nil, fmt.Errorf("%d inputs and %d outputs, not one of each", len(in), len(out))
	}
	s, err := ort.NewDynamicAdvancedSession(file, []string{in[0].Name}, []string{out[0].Name}, options)
	if err != nil {
		return nil, err
	}
	return &session{s}, nil
}

// free frees what is not needed any more. There is nothing to do where that
// goes wrong.
func free(v interface{ Destroy() error }) { _ = v.Destroy() }

func (s *session) close() error { return s.s.Destroy() }

// run returns the output and its shape.
func (s *session) run(data []float32, shape []int64) ([]float32, []int64, error) {
	in, err := ort.NewTensor(ort.Shape(shape), data)
	if err != nil {
		return nil, nil, err
	}
	defer free(in)
	outs := []ort.Value{nil} // made by the runtime
	if err := s.s.Run([]ort.Value{in}, outs); err != nil {
		return nil, nil, err
	}
	defer free(outs[0])
	out, ok := outs[0].(*ort.Tensor[float32])
	if !ok {
		return nil, nil, errors.New("the output is no tensor of 32-bit numbers")
	}
	return append([]float32(nil), out.GetData()...), out.GetShape(), nil
}
