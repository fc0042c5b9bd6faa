package form

import (
	"fmt"
	"strings"
)

// A DefectCode says what is wrong. The words for people are in views; those of
// errors are here.
type DefectCode string

// The codes.
const (
	DefectJSON           DefectCode = "json"
	DefectJSONEnd        DefectCode = "json_end"
	DefectJSONAfter      DefectCode = "json_after"
	DefectUnknown        DefectCode = "unknown"
	DefectType           DefectCode = "type"
	DefectBoxLength      DefectCode = "box_length"
	DefectMissing        DefectCode = "missing"
	DefectLong           DefectCode = "long"
	DefectLongBytes      DefectCode = "long_bytes"
	DefectNameForm       DefectCode = "name_form"
	DefectHidden         DefectCode = "hidden"
	DefectNameTwice      DefectCode = "name_twice"
	DefectTwice          DefectCode = "twice"
	DefectNotOneOf       DefectCode = "not_one_of"
	DefectNoLanguage     DefectCode = "no_language"
	DefectIDForm         DefectCode = "id_form"
	DefectIDTwice        DefectCode = "id_twice"
	DefectImageName      DefectCode = "image_name"
	DefectNoFile         DefectCode = "no_file"
	DefectPicture        DefectCode = "picture"
	DefectPictureDamaged DefectCode = "picture_damaged"
	DefectPictureSize    DefectCode = "picture_size"
	DefectSize           DefectCode = "size"
	DefectNotNumbers     DefectCode = "not_numbers"
	DefectSmall          DefectCode = "small"
	DefectOutside        DefectCode = "outside"
	DefectBoxesKind      DefectCode = "boxes_kind"
	DefectMany           DefectCode = "many"
	DefectCheckboxOnly   DefectCode = "checkbox_only"
	DefectTableRows      DefectCode = "table_rows"
	DefectNone           DefectCode = "none"
	DefectColumns        DefectCode = "columns"
	DefectRowCount       DefectCode = "row_count"
	DefectRowBoxes       DefectCode = "row_boxes"
	DefectNothing        DefectCode = "nothing"
	DefectPlaces         DefectCode = "places"
	DefectCovered        DefectCode = "covered"
	DefectParts          DefectCode = "parts"
	DefectPart           DefectCode = "part"
	DefectNoField        DefectCode = "no_field"
	DefectCheckboxRules  DefectCode = "checkbox_rules"
	DefectPattern        DefectCode = "pattern"
	DefectPatternSteps   DefectCode = "pattern_steps"
	DefectPatternsSteps  DefectCode = "patterns_steps"
	DefectInForm         DefectCode = "in_form"
	DefectInNone         DefectCode = "in_none"
	DefectInMany         DefectCode = "in_many"
	DefectInEmpty        DefectCode = "in_empty"
	DefectInTogether     DefectCode = "in_together"
	DefectLimit          DefectCode = "limit"
	DefectLimits         DefectCode = "limits"
	DefectDay            DefectCode = "day"
	DefectDays           DefectCode = "days"
	DefectSumMany        DefectCode = "sum_many"
	DefectNoAddend       DefectCode = "no_addend"
	DefectAmbiguous      DefectCode = "ambiguous"
	DefectSumCheckbox    DefectCode = "sum_checkbox"
	DefectSumSelf        DefectCode = "sum_self"
	DefectSumTogether    DefectCode = "sum_together"
	DefectNoMember       DefectCode = "no_member"
	DefectConfidence     DefectCode = "confidence"
)

// clauses are English, with their arguments in order.
var clauses = map[DefectCode]string{
	DefectJSON:           "not JSON at byte %s: %s",
	DefectJSONEnd:        "not JSON: the text ends too early",
	DefectJSONAfter:      "there is something after the template",
	DefectUnknown:        "there is no such member",
	DefectType:           "is of the type %s, and must be of the type %s",
	DefectBoxLength:      "has %s numbers where 4 belong",
	DefectMissing:        "is missing",
	DefectLong:           "is longer than %s characters",
	DefectLongBytes:      "is longer than %s bytes",
	DefectNameForm:       "must not begin with # or contain [ or ]",
	DefectHidden:         "has a character that cannot be seen",
	DefectNameTwice:      "the name is there twice",
	DefectTwice:          `"%s" is there twice`,
	DefectNotOneOf:       `"%s" is not one of %s`,
	DefectNoLanguage:     "must name at least one of %s",
	DefectIDForm:         "is not a UUID",
	DefectIDTwice:        "is there twice: what %s has",
	DefectImageName:      "must be the name of a file beside template.json",
	DefectNoFile:         "there is no such file",
	DefectPicture:        "%s is neither PNG nor JPEG",
	DefectPictureDamaged: "%s: %s",
	DefectPictureSize:    "say %s x %s px, the picture has %s x %s",
	DefectSize:           "must be from 10 to %s px",
	DefectNotNumbers:     "is not made of numbers",
	DefectSmall:          "is missing or smaller than a pixel",
	DefectOutside:        "lies outside the picture of %s x %s px",
	DefectBoxesKind:      "a MULTI_BOX field has them, and no other",
	DefectMany:           "there are more than %s",
	DefectCheckboxOnly:   "only a CHECKBOX has checkedText, uncheckedText and group",
	DefectTableRows:      "header and rows say %s+%s rows, there are %s",
	DefectNone:           "there are none",
	DefectColumns:        "has %s for %s columns",
	DefectRowCount:       "has %s for %s rows",
	DefectRowBoxes:       "has %s boxes for %s columns",
	DefectNothing:        "there is nothing to read: neither a field nor a table",
	DefectPlaces:         "there are %s fields and cells, more than %s",
	DefectCovered:        "fields and cells are together larger than %s times the page",
	DefectParts:          "must be from 1 to %s",
	DefectPart:           "a part has either a field or a text",
	DefectNoField:        `there is no field "%s"`,
	DefectCheckboxRules:  "a CHECKBOX has none of these: see groups",
	DefectPattern:        "%s",
	DefectPatternSteps:   "has %s steps when its repetitions are written out, more than %s",
	DefectPatternsSteps:  "the patterns up to here have more than %s steps together",
	DefectInForm:         `must be "list:" and the name of a list, or a list of texts`,
	DefectInNone:         "names no text",
	DefectInMany:         "has more than %s texts: make it a list of the domain",
	DefectInEmpty:        "is empty: a field that may be empty needs no rule",
	DefectInTogether:     "the rules up to here give more than %s texts together",
	DefectLimit:          "min and max must be from -1e15 to 1e15",
	DefectLimits:         "min is more than max",
	DefectDay:            "must be a day such as 2020-01-31, or today",
	DefectDays:           "notBefore is later than notAfter",
	DefectSumMany:        "names more than %s",
	DefectNoAddend:       `there is no field "%s", and no column of a table that is written so`,
	DefectAmbiguous:      `"%s" may be either of two columns of that name`,
	DefectSumCheckbox:    `"%s" is a CHECKBOX`,
	DefectSumSelf:        `"%s" is what it is the sum of`,
	DefectSumTogether:    "the sums up to here add up more than %s fields and cells together",
	DefectNoMember:       "no CHECKBOX is of this group",
	DefectConfidence:     "must be between 0 and 1",
}

// DefectCodes lists the codes in the order of the file.
var DefectCodes = []DefectCode{
	DefectJSON,
	DefectJSONEnd,
	DefectJSONAfter,
	DefectUnknown,
	DefectType,
	DefectBoxLength,
	DefectMissing,
	DefectLong,
	DefectLongBytes,
	DefectNameForm,
	DefectHidden,
	DefectNameTwice,
	DefectTwice,
	DefectNotOneOf,
	DefectNoLanguage,
	DefectIDForm,
	DefectIDTwice,
	DefectImageName,
	DefectNoFile,
	DefectPicture,
	DefectPictureDamaged,
	DefectPictureSize,
	DefectSize,
	DefectNotNumbers,
	DefectSmall,
	DefectOutside,
	DefectBoxesKind,
	DefectMany,
	DefectCheckboxOnly,
	DefectTableRows,
	DefectNone,
	DefectColumns,
	DefectRowCount,
	DefectRowBoxes,
	DefectNothing,
	DefectPlaces,
	DefectCovered,
	DefectParts,
	DefectPart,
	DefectNoField,
	DefectCheckboxRules,
	DefectPattern,
	DefectPatternSteps,
	DefectPatternsSteps,
	DefectInForm,
	DefectInNone,
	DefectInMany,
	DefectInEmpty,
	DefectInTogether,
	DefectLimit,
	DefectLimits,
	DefectDay,
	DefectDays,
	DefectSumMany,
	DefectNoAddend,
	DefectAmbiguous,
	DefectSumCheckbox,
	DefectSumSelf,
	DefectSumTogether,
	DefectNoMember,
	DefectConfidence,
}

func (c DefectCode) say(args []string) string {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	return fmt.Sprintf(clauses[c], list...)
}

// Args returns how many arguments the words for c have.
func (c DefectCode) Args() int { return strings.Count(clauses[c], "%s") }
