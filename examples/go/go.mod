module example.org/vedette/examples/go

go 1.19
