package reader

import (
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
)

// What is written on marker, and in a shadow whose edge crosses fields, is seen:
// an engine that reads nothing leaves it unread, and not blank.
func TestWritingOnMarkerAndInShadowIsSeen(t *testing.T) {
	for _, file := range []string{"highlighter-over-text.jpg", "shadow-edge.jpg"} {
		t.Run(file, func(t *testing.T) {
			_, readings := readFault(t, ocr.Func(mute), "ko-claim", file)
			for _, name := range []string{"name", "phone", "address", "job", "relation", "accident_date", "diagnosis", "hospital", "days", "detail", "bank", "holder", "date", "sign"} {
				v, ok := readings[name]
				if !ok {
					t.Errorf("the form has no field %s", name)
				} else if !slices.Contains(v.Reasons, form.ReasonInkUnread) {
					t.Errorf("%s: no ink; %.4f %v", name, v.Confidence, v.Reasons)
				}
			}
			if v := readings["email"]; slices.Contains(v.Reasons, form.ReasonInkUnread) {
				t.Error("email: ink where there is none")
			}
			for _, name := range []string{"claim_disease", "claim_injury", "claim_traffic", "claim_etc", "notify_sms"} {
				if readings[name].Checked {
					t.Errorf("%s: checked", name)
				}
			}
			for _, name := range []string{"notify_mail", "notify_fax"} {
				if !readings[name].Checked {
					t.Errorf("%s: not checked", name)
				}
			}
		})
	}
}

// Marker that begins inside a checkbox is no mark.
func TestMarkerInCheckboxesIsNoMark(t *testing.T) {
	_, readings := readFault(t, ocr.Func(mute), "en-enroll", "highlighter-label-half-box.jpg")
	for name, want := range map[string]bool{
		"cov_medical": false, "cov_dental": false, "cov_vision": false, "cov_life": true, "single": false, "married": false, "widowed": true,
	} {
		if v, ok := readings[name]; !ok || v.Checked != want || len(v.Reasons) > 0 {
			t.Errorf("%s: checked %v, %.4f %v, want %v", name, v.Checked, v.Confidence, v.Reasons, want)
		}
	}
}
