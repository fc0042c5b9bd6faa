package sample

import "github.com/seosik/seosik/internal/form"

// A Content is what a field asks for.
type Content int

// The contents.
const (
	Words      Content = iota // a few words; what any field may hold
	Name                      // of a person
	Phonetic                  // a name in kana
	Phone                     // a telephone number
	Email                     //
	Address                   //
	Postcode                  //
	Date                      //
	Birth                     // a date in digits only, for boxes
	Period                    // from when to when
	Amount                    // of money
	Count                     // a small number
	Digits                    // as many as there are boxes, or a number
	Account                   // digits; a few of the boxes at the end may stay empty
	Code                      // letters and digits
	Bank                      //
	Company                   //
	Department                //
	Position                  //
	Place                     // a town
	Item                      // a thing or service with a price
	Relation                  //
	Reason                    // a sentence
	OneOf                     // a checkbox of which one in its group is ticked
	AnyOf                     // a checkbox
)

// valueType returns the value type that an office would give such a field.
func (c Content) valueType() form.ValueType {
	switch c {
	case Birth, Amount, Count, Digits, Account, Postcode, Phone:
		return form.Numeric
	default:
		return form.All
	}
}
