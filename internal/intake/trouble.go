package intake

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/scan"
)

// troubles says which errors pass, and what people are told meanwhile. The
// first that fits counts. What is not here is the fault of the page that is
// being read.
var troubles = []struct {
	err error
	why form.Trouble
}{
	{form.ErrFull, form.TroubleFull},
	{syscall.ENOSPC, form.TroubleFull},
	{syscall.EDQUOT, form.TroubleFull},

	{syscall.EMFILE, form.TroubleMachine},
	{syscall.ENFILE, form.TroubleMachine},
	{syscall.ENOMEM, form.TroubleMachine},
	{syscall.EAGAIN, form.TroubleMachine},

	{ocr.ErrKilled, form.TroubleEngine},
	{ocr.ErrStart, form.TroubleEngine},
	{ocr.ErrClosed, form.TroubleEngine},
	{scan.ErrRenderer, form.TroubleEngine},

	{form.ErrStorage, form.TroubleDisk},
	{blob.ErrCorrupt, form.TroubleDisk},
	{syscall.EIO, form.TroubleDisk},
	{syscall.EROFS, form.TroubleDisk},
	{syscall.ESTALE, form.TroubleDisk},
	{fs.ErrNotExist, form.TroubleDisk},
	{fs.ErrPermission, form.TroubleDisk},
}

// troubleOf returns the trouble that err is, and false where it is none.
func troubleOf(err error) (form.Trouble, bool) {
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			return t.why, true
		}
	}
	return "", false
}
