package form

// An ActorKind says what an actor is.
type ActorKind string

// The kinds of actors.
const (
	ByPerson  ActorKind = "person"
	ByProgram ActorKind = "program" // through the API
	BySystem  ActorKind = "system"  // the server by itself
	ByCommand ActorKind = "command" // at the command line
)

// An Actor is who does something. It is one of those that the constructors
// return: the zero value is nobody.
type Actor struct {
	Kind   ActorKind
	User   UserID   // of a person
	Domain DomainID // of a program
}

// Person returns the user as an actor.
func Person(id UserID) Actor { return Actor{Kind: ByPerson, User: id} }

// Program returns a program that has the secret of a domain.
func Program(domain DomainID) Actor { return Actor{Kind: ByProgram, Domain: domain} }

var (
	// System is the server, for what nobody asked it to do.
	System = Actor{Kind: BySystem}
	// Command is whoever uses the command line.
	Command = Actor{Kind: ByCommand}
)
