//go:build race

package floor

func init() { raced = true }
