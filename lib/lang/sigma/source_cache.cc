#include "lib/lang/sigma/source_cache.h"

namespace vedette::inline v0::sigma {
namespace {

// The document without its detection.
Document Outline(const Document& document) {
  Document out(document.reporter);
  out.kind = document.kind;
  out.refused = document.refused;
  out.meta = document.meta;
  out.span = document.span;
  out.id_span = document.id_span;
  out.name_span = document.name_span;
  out.filter = document.filter;
  out.correlation = document.correlation;
  return out;
}

// About what metadata, places and references of a document take beside its text.
constexpr size_t kDocumentBytes = 1024;

}  // namespace

ReadSource* SourceCache::Get(const RuleSource& source, const SigmaOptions& options,
                             std::vector<Document>* fresh) {
  std::vector<std::unique_ptr<ReadSource>>& of_name = by_name_[source.name];
  for (const auto& known : of_name) {
    if (known->source.text != source.text) continue;
    known->used = translation_;
    ++stats_.reused;
    return known.get();
  }
  ++stats_.read;
  of_name.push_back(std::make_unique<ReadSource>(source, ++numbers_));
  ReadSource* const read = of_name.back().get();
  read->used = translation_;
  DiagnosticSink sink;
  *fresh = ParseDocuments(read->text, options, &sink);
  read->diagnostics = sink.Take();
  for (const Document& document : *fresh) {
    read->documents.push_back(Outline(document));
    // Filters are few, and what they hold goes into rules that change.
    if (document.kind == Document::Kind::kFilter) {
      read->documents.back().detection = document.detection;
    }
  }
  read->lowered.resize(read->documents.size());
  return read;
}

void SourceCache::End() {
  for (auto it = by_name_.begin(); it != by_name_.end();) {
    std::erase_if(it->second, [this](const auto& s) { return s->used != translation_; });
    const auto here = it++;
    if (here->second.empty()) by_name_.erase(here);
  }
}

size_t SourceCache::memory_bytes() const {
  size_t bytes = sizeof *this;
  for (const auto& [name, sources] : by_name_) {
    for (const auto& source : sources) {
      // The text, the places of its lines (40 bytes each), and metadata, which is part of the text.
      bytes += sizeof *source + 2 * source->source.text.size() +
               source->text.lines() * sizeof(size_t) + source->documents.size() * kDocumentBytes +
               (source->diagnostics.size() + source->lowered.size()) * sizeof(Diagnostic);
    }
  }
  return bytes;
}

}  // namespace vedette::inline v0::sigma
