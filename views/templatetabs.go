package views

// A TemplateTab is one of the pages of a template: the end of its address.
type TemplateTab string

// The pages of a template, in their order.
const (
	BuildTab    TemplateTab = "/build"
	TestsTab    TemplateTab = "/tests"
	ReleaseTab  TemplateTab = "/release"
	HealthTab   TemplateTab = "/health"
	EditionsTab TemplateTab = ""
)

var templateTabs = []TemplateTab{BuildTab, TestsTab, ReleaseTab, HealthTab, EditionsTab}

// words returns the id of what t is called.
func (t TemplateTab) words() string {
	if t == EditionsTab {
		return "template.tab.editions"
	}
	return "template.tab." + string(t[1:])
}
