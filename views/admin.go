package views

// An AdminLink leads to a page by which the office looks after the site.
type AdminLink struct {
	Path  string
	Title string // id of words
	About string // id of words: what one sees and does there
}

// AdminLinks lists those pages, in the order in which they are shown.
var AdminLinks = []AdminLink{
	{"/admin/access", "access.title", "admin.access"},
	{"/admin/retention", "retention.title", "admin.retention"},
	{"/admin/masks", "masks.title", "admin.masks"},
	{"/admin/machine", "machine.title", "admin.machine"},
	{"/admin/people", "people.title", "admin.people"},
	{"/vigilance", "vigilance.title", "admin.vigilance"},
	{"/trash", "trash.title", "admin.trash"},
}

// An AdminPage lists the pages by which the office looks after the site.
type AdminPage struct {
	Frame
	Links []AdminLink
}
