module github.com/chunkaside/chunkaside

go 1.26
