package form

import (
	"slices"
	"strings"
)

// Handling is how what stands in a field is handled. It is no rule: it says
// nothing about what the field may hold.
type Handling struct {
	Personal   Personal // class of personal data; empty for none
	Review     Review   // empty for what the template has
	Confidence float64  // in (0, 1), below which a reading is doubtful; 0 for what the server has
}

// Personal is a class of personal data.
type Personal string

// The classes. The first four are 고유식별정보 and health is 민감정보 of the
// 개인정보 보호법 (articles 23 and 24).
const (
	PersonalResident Personal = "resident" // 주민등록번호, My Number, 身分證字號, social security number
	PersonalPassport Personal = "passport"
	PersonalLicence  Personal = "licence" // to drive
	PersonalAlien    Personal = "alien"   // 외국인등록번호, 在留カード番号, 居留證
	PersonalCard     Personal = "card"    // of a bank
	PersonalAccount  Personal = "account"
	PersonalHealth   Personal = "health"
	PersonalName     Personal = "name"
	PersonalContact  Personal = "contact" // telephone, e-mail, address
)

// Special reports whether p is of the classes that the law has encrypted wherever they
// are kept: those that identify a person, of a card or an account, and of health.
func (p Personal) Special() bool {
	return p != "" && p != PersonalName && p != PersonalContact
}

// PersonalClasses lists the classes.
var PersonalClasses = []Personal{
	PersonalResident, PersonalPassport, PersonalLicence, PersonalAlien, PersonalCard, PersonalAccount,
	PersonalHealth, PersonalName, PersonalContact,
}

// AnyPerson reports whether any person may say what stands in the field, who sees
// it among others: where people key it from the picture, none may.
func (h *Handling) AnyPerson() bool { return !h.Review.Blind() }

// check notes what no field can have. In says where a property stands in the file.
func (h *Handling) check(at spot, in func(property string) string) {
	if h.Personal != "" && !slices.Contains(PersonalClasses, h.Personal) {
		var names []string
		for _, p := range PersonalClasses {
			names = append(names, string(p))
		}
		at.add(in("personal"), DefectNotOneOf, shown(string(h.Personal)), strings.Join(names, ", "))
	}
	h.Review.check(at, in("review"))
	if h.Confidence < 0 || h.Confidence >= 1 {
		at.add(in("confidence"), DefectConfidence)
	}
}
