// Filter documents: a condition that is added to rules of others.
#ifndef VEDETTE_LIB_LANG_SIGMA_FILTER_H_
#define VEDETTE_LIB_LANG_SIGMA_FILTER_H_

#include "lib/lang/sigma/detection.h"
#include "lib/lang/sigma/document.h"

namespace vedette::inline v0::sigma {

// Reads the `filter` section into document->filter and document->detection; reports SIG0040 and
// what is wrong in its detection.
void ParseFilter(const YamlNode& node, SourceSpan at, const DetectionContext& context,
                 Document* document);

// Adds the rule's filters to its detection: all must hold. Their parts do not see each other.
void ApplyFilters(Document* rule);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_FILTER_H_
