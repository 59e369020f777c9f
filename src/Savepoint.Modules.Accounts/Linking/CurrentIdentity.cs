using Savepoint.Engine;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Linking;

/// <summary>By which way into its account a player shows that it is the one who asks: where the account has a name by its password, else by another one that it has.</summary>
internal sealed class CurrentIdentity
{
    private const string PasswordField = "current", DeviceField = "currentDeviceId", TokenField = "currentToken";

    private readonly string? _password, _deviceId, _token;

    private CurrentIdentity(string? password, string? deviceId, string? token) => (_password, _deviceId, _token) = (password, deviceId, token);

    /// <summary>Reads it of a body.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">There is more than one.</exception>
    public static CurrentIdentity Read(JsonFields fields)
    {
        var (password, deviceId, token) = (fields.Text(PasswordField), fields.Text(DeviceField), fields.Text(TokenField));
        return (password is null ? 0 : 1) + (deviceId is null ? 0 : 1) + (token is null ? 0 : 1) <= 1
            ? new CurrentIdentity(password, deviceId, token)
            : throw JsonFields.Invalid("", $"has more than one of '{PasswordField}', '{DeviceField}' and '{TokenField}'");
    }

    /// <summary>The password, of who has a name.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">There is none.</exception>
    public string RequiredPassword => _password ?? throw JsonFields.Invalid(PasswordField, "is missing");

    /// <summary>What is shown by who has no name.</summary>
    /// <returns>The identity, whosever it is; null where nobody has it.</returns>
    /// <exception cref="Hosting.Problems.ProblemException">There is none, or a password, which it can't be.</exception>
    public EntityKey? WithoutPassword(StudioTokens studio)
    {
        if (_password is not null)
            throw AccountProblems.NoSuchIdentity(IdentityKeys.Name);
        if (_deviceId is not null)
            return IdentityKeys.TryDevice(_deviceId, out var device) ? device : null;
        return _token is not null ? studio.Find(_token)?.Key : throw JsonFields.Invalid("", $"has to have one of '{DeviceField}' and '{TokenField}': the account has no name");
    }
}
