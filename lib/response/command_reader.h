// Reads the commands of action steps.
#ifndef VEDETTE_LIB_RESPONSE_COMMAND_READER_H_
#define VEDETTE_LIB_RESPONSE_COMMAND_READER_H_

#include <optional>
#include <string>
#include <vector>

#include "lib/doc/doc_reader.h"
#include "lib/response/playbook_layout.h"

namespace vedette::inline v0 {

class CommandReader {
 public:
  CommandReader(const std::vector<std::string>* host_types, DocReporter* reporter)
      : host_types_(host_types), reporter_(reporter) {}

  // `type_of`: of the variables that the step sees.
  std::optional<PlaybookCommand> Read(const DocNode& node, const TypeOf& type_of);

 private:
  void Content(MapReader* in, bool extension, PlaybookCommand* out);
  void Template(const DocNode& node, bool extension, CommandTemplate* out);
  void Args(const DocNode& node);
  void References(const DocNode& node);
  void NoCredentials(const DocNode& node);
  std::string Literal(MapReader* in, std::string_view name);

  const std::vector<std::string>* host_types_;
  DocReporter* reporter_;
  const TypeOf* type_of_ = nullptr;
};

// Whether a member of this name would hold a credential.
bool IsCredentialName(std::string_view name);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_COMMAND_READER_H_
