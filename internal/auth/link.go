package auth

// LinkPurpose is why a link for setting a password was made.
type LinkPurpose string

// The purposes.
const (
	Invitation LinkPurpose = "INVITATION"
	Reset      LinkPurpose = "RESET"
)

// PasswordLink is what a link for setting a password is for.
type PasswordLink struct {
	Purpose   LinkPurpose
	Name      string
	Email     string
	MinLength int
}
