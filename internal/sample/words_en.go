package sample

var english = &vocabulary{
	code: "en",
	organisations: []string{
		"Harrow Creek County", "Bluefield Mutual Society", "Northgate College", "Larkspur Manufacturing Inc.", "Town of Elmsworth", "Ridgeway Credit Union", "Fairhaven Clinic",
	},
	titles: []string{
		"FACILITY USE REQUEST", "Purchase Requisition", "LEAVE APPLICATION", "Membership Application", "CHANGE OF ADDRESS", "Travel Expense Report", "RECORDS REQUEST FORM", "Course Registration",
		"DIRECT DEPOSIT AUTHORIZATION", "Scholarship Application", "PARKING PERMIT APPLICATION", "Refund Request", "Equipment Loan Form", "VOLUNTEER REGISTRATION", "Vendor Information", "Incident Report",
	},
	headings: []string{"Applicant", "Request Details", "Payment Information", "Contact", "Itemized List", "Employment", "Additional Information", "Attachments", "Office Use"},
	labels: map[Content][]string{
		Words: {"Remarks", "Subject", "Event", "Purpose", "Description", "Program"}, Name: {"Full name", "Applicant", "Manager", "Account holder", "Contact person", "Guardian"},
		Phone: {"Telephone", "Mobile", "Daytime phone", "Fax"}, Email: {"E-mail", "Email address"}, Address: {"Address", "Mailing address", "Street address"},
		Postcode: {"ZIP code"}, Date: {"Date", "Start date", "End date", "Hire date", "Date issued"}, Birth: {"Date of birth"}, Period: {"Period", "Dates of leave", "Term"},
		Amount: {"Amount", "Total cost", "Monthly pay", "Deposit", "Fee"}, Count: {"Quantity", "Attendees", "Days", "Copies"}, Digits: {"Case no.", "Member no.", "Employee ID", "Student ID"},
		Account: {"Account number"}, Code: {"Reference", "Plate no.", "Model", "Invoice no."}, Bank: {"Bank name", "Financial institution"}, Company: {"Company", "Organization", "Employer"},
		Department: {"Department", "Division"}, Position: {"Job title", "Occupation"}, Place: {"Location", "City", "Destination"}, Relation: {"Relationship"}, Reason: {"Reason", "Purpose of use", "Explanation"},
	},
	groups: []group{
		{"Type", []string{"New", "Change", "Cancel"}, true},
		{"Delivery", []string{"Pick up", "Mail", "E-mail"}, true},
		{"Status", []string{"Full time", "Part time", "Retired"}, true},
		{"Attachments", []string{"Photo ID", "Voided check", "Receipt"}, false},
		{"Equipment", []string{"Projector", "Sound", "Tables", "Stage"}, false},
		{"Leave type", []string{"Annual", "Sick", "Family", "Other"}, true},
		{"Account type", []string{"Checking", "Savings"}, true},
		{"Contact by", []string{"Phone", "Mail", "E-mail"}, false},
	},
	tables: []tableWords{
		{"Items", []column{{"Description", .44, Item}, {"Qty", .14, Count}, {"Amount", .42, Amount}}},
		{"Household", []column{{"Name", .4, Name}, {"Relationship", .26, Relation}, {"Birth date", .34, Date}}},
		{"Schedule", []column{{"Date", .26, Date}, {"Location", .32, Place}, {"Activity", .42, Words}}},
		{"Employment", []column{{"Employer", .4, Company}, {"Title", .3, Position}, {"From", .3, Date}}},
	},
	notes: []string{
		"Please print clearly in black or blue ink.", "Mark the boxes that apply. Incomplete forms will be returned.", "The information on this form is used only to process your request.",
		"Allow ten business days for processing. Questions: 555-0100", "Attach original receipts to the back of this page.", "False statements may lead to denial of the request.",
	},
	declarations: []string{
		"I certify that the information above is true and complete.", "I request the above and agree to follow the rules of the organization.", "I authorize the office to process this form on my behalf.",
	},
	signatures: [][2]string{{"Date", "Signed"}, {"Date", "Applicant"}, {"Submitted on", "Name"}},
	yes:        "Yes", no: "No",

	family: []string{
		"Abbott", "Barnes", "Carver", "Dalton", "Ellison", "Fischer", "Grant", "Hobbs", "Ingram", "Jarvis", "Keller", "Lawson", "Mercer", "Norris", "Osborne", "Parker", "Quinn", "Reyes", "Stokes", "Tran", "Underwood", "Vance", "Whitaker",
		"Young", "Zimmer", "Bishop", "Cho", "Delgado", "Evans", "Flynn", "Gupta", "Hayes", "Kowalski", "Lindgren", "Murphy", "Okafor",
	},
	given: []string{
		"Alice", "Brian", "Carmen", "David", "Elena", "Frank", "Grace", "Henry", "Irene", "Jack", "Karen", "Leon", "Maria", "Nathan", "Olivia", "Paul", "Rachel", "Samuel", "Teresa", "Victor", "Wendy", "Zoe", "Aaron", "Bella", "Colin", "Diane", "Ethan",
		"Fiona", "Gordon", "Hannah", "Ivan", "Julia", "Kevin", "Laura", "Marcus", "Nina",
	},
	towns: []string{
		"Harrow Creek, OH 43011", "Elmsworth, NY 12834", "Ridgeway, PA 15853", "Fairhaven, MA 02719", "Northgate, WA 98125", "Bluefield, WV 24701", "Cedar Bluff, IA 52772", "Salt Marsh, NJ 08223", "Pine Hollow, CO 80478", "Lakeview, MN 56431",
	},
	streets:     []string{"Main Street", "Orchard Road", "Mill Lane", "River Drive", "Chestnut Ave", "Station Road", "Hill Street", "Park Place", "Harbor Way", "Juniper Court", "Third Avenue", "Quarry Road"},
	buildings:   []string{"Apt 2B", "Apt 14", "Suite 300", "Unit 7", "Floor 2"},
	banks:       []string{"Ridgeway Credit Union", "First Harbor Bank", "Union Savings Bank", "Prairie National Bank", "Citizens Trust", "Summit Federal", "Valley Bank"},
	companies:   []string{"Larkspur Manufacturing", "Bluefield Mutual", "Northgate College", "Oak & Iron Works", "Delta Print Shop", "Harbor Freight Lines", "Juniper Foods", "Keystone Dental", "Crane Software", "Millbrook School"},
	departments: []string{"Accounting", "Human Resources", "Sales", "Engineering", "Purchasing", "Quality Control", "Research", "Facilities", "Customer Service", "Legal"},
	positions:   []string{"Clerk", "Analyst", "Manager", "Engineer", "Teacher", "Nurse", "Technician", "Director", "Student", "Driver", "Designer", "Retired"},
	items:       []string{"Copy paper", "Toner cartridge", "Office chair", "Whiteboard", "Laptop computer", "Wireless mouse", "Folding table", "Bottled water", "Paper cups", "AA batteries", "Banner", "Desk lamp"},
	relations:   []string{"Self", "Spouse", "Son", "Daughter", "Father", "Mother", "Brother", "Sister", "Friend", "Guardian"},
	reasons: []string{
		"Family event", "Routine medical checkup", "Replacement of worn equipment", "Moved to a new residence", "Lost card, replacement needed", "Community sports day", "Transfer to another department", "Personal reasons",
		"Customer visit and product demo", "Required by the bank", "Contract ended and is renewed", "Supplies for the annual meeting",
	},
	phrases:        []string{"Round trip fare", "Hotel, one night", "Meeting materials", "Client lunch", "Site inspection", "Lunch included", "Meet at 10 am", "None", "See attached", "To follow", "Regular service", "Workshop"},
	mailNames:      []string{"alice", "b.carter", "dlee", "elena.r", "frank77", "grace", "office", "info", "jmercer", "karen_h", "leon", "m.reyes", "zoe"},
	mailHosts:      []string{"northgate.example.edu", "mail.example.com", "larkspur.example.net", "example.org"},
	firstNameFirst: true,
	nameSpace:      " ",
}
