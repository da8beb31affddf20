// expect: would dangle
#include <string>

#include "vedette/adapter.h"

struct Process {
  std::string path;
  const std::string& Path() const { return path; }
  std::string Name() const { return path.substr(path.rfind('/') + 1); }
};

void Bind(vedette::StructAdapter<Process>* adapter) {
  adapter->Field("process.file.path", &Process::Path);
#ifdef MUST_FAIL
  adapter->Field("process.name", &Process::Name);
#endif
}
