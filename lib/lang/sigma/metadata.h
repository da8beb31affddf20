// What a Sigma document says about itself: title, id, log source, tags and the rest.
#ifndef VEDETTE_LIB_LANG_SIGMA_METADATA_H_
#define VEDETTE_LIB_LANG_SIGMA_METADATA_H_

#include "lib/lang/sigma/document.h"

namespace vedette::inline v0::sigma {

// Fills meta and spans of `document` from the top-level map. Reports wrong types (SIG0005), missing
// parts (SIG0004) and questionable values (SIG0065).
void ParseMetadata(const YamlNode& root, Document* document);

// A log source section, of a rule or a pipeline. False, and a report, if it is wrong or says
// nothing.
bool ParseLogSource(const YamlNode& node, SourceSpan at, LogSource* out, Reporter* reporter);

// The scalars of a scalar or list; false if there is anything else.
bool ScalarList(const YamlNode& node, std::vector<std::string>* out);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_METADATA_H_
