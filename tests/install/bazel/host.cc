// A host in another Bazel repository. It can only load programs; here it has none.
#include "vedette/adapter.h"
#include "vedette/engine.h"
#include "vedette/saved_program.h"

int main() { return vedette::LoadProgram("nothing").ok() ? 1 : 0; }
