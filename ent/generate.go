// Package ent is the data model: the schema folder is written by hand, the rest is generated from it.
package ent

//go:generate go run ./gen
