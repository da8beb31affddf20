#include "vedette/response/privacy.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace vedette {
namespace {

TEST(PrivacyTest, SecretsInCommandLinesAreMasked) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"app --password hunter2 --verbose", "app --password [masked] --verbose"},
      {"app --password=hunter2;x", "app --password=[masked];x"},
      {"app -Password \"two words\" z", "app -Password [masked] z"},
      {"app --db-password 'a b' z", "app --db-password [masked] z"},
      {"PGPASSWORD=hunter2 psql", "PGPASSWORD=[masked] psql"},
      {"{\"api_key\": \"k-123\", \"a\": 1}", "{\"api_key\": [masked], \"a\": 1}"},
      {"Authorization: Bearer abcdefgh12", "Authorization: Bearer [masked]"},
      {"-H 'authorization: Basic dXNlcjpwYXNz'", "-H 'authorization: Basic [masked]'"},
      {"git clone https://bob:s3cret@host/x", "git clone https://bob:[masked]@host/x"},
      {"curl -u bob:s3cret http://h", "curl -u bob:[masked] http://h"},
      {"net user bob S3cret! /add", "net user bob [masked] /add"},
      {"net.exe use Z: \\\\srv\\share S3cret /user:bob",
       "net.exe use Z: \\\\srv\\share [masked] /user:bob"},
      {"psexec \\\\h -u bob -p S3cret cmd", "psexec \\\\h -u bob -p [masked] cmd"},
      {"sshpass -pS3cret ssh h", "sshpass -p[masked] ssh h"},
      {"mysqldump -uroot -pS3cret db", "mysqldump -uroot -p[masked] db"},
      {"cmdkey /add:h /user:b /pass:S3cret", "cmdkey /add:h /user:b /pass:[masked]"},
      {"aws AKIAIOSFODNN7EXAMPLE x", "aws [masked] x"},
      {"t ghp_0123456789abcdefghij0123 u", "t [masked] u"},
      {"eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "[masked]"},
      {"ConvertTo-SecureString 'S3cret' -AsPlainText",
       "ConvertTo-SecureString [masked] -AsPlainText"},
      {"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "[masked]"},
      // What is no secret stays.
      {"net user bob", "net user bob"},
      {"net user bob /delete", "net user bob /delete"},
      {"powershell -nop -w hidden -p 1", "powershell -nop -w hidden -p 1"},
      {"https://host:8080/path", "https://host:8080/path"},
      {"copy a b", "copy a b"},
      {"", ""},
  };
  for (const auto& [text, masked] : cases) EXPECT_EQ(MaskSecrets(text), masked) << text;
  // Bytes that are no UTF-8 hide nothing.
  EXPECT_EQ(MaskSecrets("\xff\xfe --password hun\xffter2"), "\xff\xfe --password [masked]");
  // Masking again changes nothing.
  for (const auto& [text, masked] : cases) EXPECT_EQ(MaskSecrets(masked), masked);
}

TEST(PrivacyTest, ClassesAreFoundByTheEndOfAName) {
  const FieldClasses& classes = FieldClasses::Default();
  EXPECT_EQ(classes.Of("TargetUserName"), FieldClass::kIdentifier);
  EXPECT_EQ(classes.Of("actor.user.name"), FieldClass::kIdentifier);
  EXPECT_EQ(classes.Of("process.name"), FieldClass::kPlain);
  EXPECT_EQ(classes.Of("process.parent.command_line"), FieldClass::kContent);
  EXPECT_EQ(classes.Of("http.request.Authorization"), FieldClass::kSecret);
  EXPECT_EQ(classes.Of("severity"), FieldClass::kPlain);
  FieldClasses own = classes;
  own.Set("Badge", FieldClass::kIdentifier);
  EXPECT_EQ(own.Of("door.badge"), FieldClass::kIdentifier);
}

TEST(PrivacyTest, PseudonymsJoinWithinATenantOnly) {
  const auto acme = Pseudonymizer::Create("acme", "0123456789abcdef");
  const auto again = Pseudonymizer::Create("acme", "0123456789abcdef");
  const auto other = Pseudonymizer::Create("umbrella", "0123456789abcdef");
  const auto key = Pseudonymizer::Create("acme", "0123456789abcdeX");
  ASSERT_TRUE(acme.ok() && again.ok() && other.ok() && key.ok());
  EXPECT_EQ(acme->Of("Bob"), again->Of("bob"));
  EXPECT_NE(acme->Of("bob"), acme->Of("bobby"));
  EXPECT_NE(acme->Of("bob"), other->Of("bob"));
  EXPECT_NE(acme->Of("bob"), key->Of("bob"));
  EXPECT_EQ(acme->Of("bob").size(), 34u);
  EXPECT_FALSE(Pseudonymizer::Create("acme", "short").ok());
}

TEST(PrivacyTest, ValuesAreShownByTheirClass) {
  const auto names = Pseudonymizer::Create("acme", "0123456789abcdef");
  RedactionOptions options;
  EXPECT_EQ(RedactValue("user", "bob", options), "bob");
  EXPECT_EQ(RedactValue("token", "x", options), "[masked]");
  EXPECT_EQ(RedactValue("cmd_line", "x --token y", options), "x --token [masked]");
  options.pseudonymizer = &*names;
  options.show_content = false;
  EXPECT_EQ(RedactValue("user", "bob", options), names->Of("bob"));
  EXPECT_EQ(RedactValue("cmd_line", "x", options), "[masked]");
  EXPECT_EQ(RedactValue("severity", "high", options), "high");
}

}  // namespace
}  // namespace vedette
