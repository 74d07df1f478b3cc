#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/all_pages.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/job_text.h"
#include "cli/key_text.h"

namespace darkroom::cli {
namespace {

class KeysCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "keys", "ACTION [KEY]", "Make, list, rotate and revoke keys",
        "Manages the keys of a server's callers; your own key needs the scope admin. ACTION is\n"
        "one of create, list, rotate and revoke; the last two take a KEY as list shows it. A\n"
        "new secret goes to stdout, alone and only this once: the server keeps a hash of it.",
        "  darkroom keys create --tenant alice --tier pro --label \"Alice's laptop\" >alice.key\n"
        "  darkroom keys create --tenant ops --scope admin --expires_in 720h >ops.key\n"
        "  darkroom keys list\n"
        "  darkroom keys rotate keys/0123456789abcdef0123456789abcdef --grace 24h >alice.key\n"
        "  darkroom keys revoke 0123456789abcdef0123456789abcdef\n"};
  }

  void Declare(OptionParser& options) override {
    options.BeginGroup("With create");
    options.Add({"tenant", "NAME", "whose jobs the key's callers make and see", ""}, &tenant_);
    options.Add({"tier", "NAME", "of the server's; default: standard", ""}, &tier_);
    options.Add({"scope", "NAME", "generate or admin; repeatable; default: generate", ""},
                [this](absl::string_view name) -> absl::Status {
                  const auto scope = ParseKeyScope(name);
                  if (scope.ok()) scopes_.push_back(*scope);
                  return scope.status();
                });
    options.Add({"label", "TEXT", "for people, in lists", ""}, &label_);
    options.Add({"expires_in", "TIME", "how long it is good, as in 720h; default: for ever", ""},
                &expires_in_);
    options.BeginGroup("With rotate");
    options.Add(
        {"grace", "TIME", "how long the old secret is good, too; default: 0, most: 168h", ""},
        &grace_);
    options.BeginGroup("Options");
    options.Add({"json", "", "print JSON", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const std::string& action = arguments[0];
    const bool names_key = action == "rotate" || action == "revoke";
    if (!names_key && action != "create" && action != "list") {
      return FailUsage(absl::InvalidArgumentError(absl::StrCat(
          "there is no action \"", action, "\"; known are create, list, rotate and revoke")));
    }
    if (names_key != (arguments.size() == 2)) {
      return FailUsage(absl::InvalidArgumentError(
          absl::StrCat("keys ", action, names_key ? " needs a KEY" : " takes no KEY")));
    }
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    if (action == "create") return Create(**connection);
    if (action == "list") return List(**connection);
    if (action == "rotate") return Rotate(**connection, arguments[1]);
    return Revoke(**connection, arguments[1]);
  }

 private:
  ExitCode Create(Connection& connection) const {
    v1::CreateKeyRequest request;
    v1::ApiKey& key = *request.mutable_key();
    key.set_tenant(tenant_);
    key.set_tier(tier_);
    key.set_label(label_);
    for (const v1::KeyScope scope : scopes_) key.add_scopes(scope);
    if (expires_in_ != absl::ZeroDuration()) {
      key.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + expires_in_));
    }
    return ShowSecret(connection.CreateKey(request));
  }

  ExitCode List(Connection& connection) const {
    const auto listed = AllPages<v1::ListKeysResponse>(
        v1::ListKeysRequest(), [&](const auto& page) { return connection.ListKeys(page); });
    if (!listed.ok()) return Fail(listed.status(), connect_.server);
    if (json_) {
      PrintResult(ToJson(*listed));
    } else if (listed->keys().empty()) {
      PrintNote("no keys; `darkroom keys create` makes one");
    } else {
      PrintResult(KeysText(*listed, absl::Now()));
    }
    return ExitCode::kDone;
  }

  ExitCode Rotate(Connection& connection, const std::string& name) const {
    v1::RotateKeyRequest request;
    request.set_name(KeyName(name));
    request.mutable_grace()->set_seconds(absl::ToInt64Seconds(grace_));
    return ShowSecret(connection.RotateKey(request));
  }

  ExitCode Revoke(Connection& connection, const std::string& name) const {
    v1::RevokeKeyRequest request;
    request.set_name(KeyName(name));
    const auto key = connection.RevokeKey(request);
    if (!key.ok()) return Fail(key.status(), connect_.server);
    if (json_) {
      PrintResult(ToJson(*key));
    } else {
      PrintNote(absl::StrCat(key->name(), " of ", key->tenant(), " is revoked"));
    }
    return ExitCode::kDone;
  }

  template <typename Response>
  ExitCode ShowSecret(const absl::StatusOr<Response>& response) const {
    if (!response.ok()) return Fail(response.status(), connect_.server);
    if (json_) {
      PrintResult(ToJson(*response));
    } else {
      PrintNote(absl::StrCat(response->key().name(), " of ", response->key().tenant(),
                             "; its secret is not shown again:"));
      PrintResult(response->secret());
    }
    return ExitCode::kDone;
  }

  std::string tenant_;
  std::string tier_;
  std::string label_;
  std::vector<v1::KeyScope> scopes_;
  absl::Duration expires_in_ = absl::ZeroDuration();
  absl::Duration grace_ = absl::ZeroDuration();
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewKeysCommand() { return std::make_unique<KeysCommand>(); }

}  // namespace darkroom::cli
