// A host that was built against the installed package and links no compiler: it can only load.
#include "vedette/adapter.h"
#include "vedette/engine.h"
#include "vedette/saved_program.h"

int main() {
  // No program at all; what loads and matches is shown in examples/edr_agent.cc.
  return vedette::LoadProgram("nothing").ok() ? 1 : 0;
}
