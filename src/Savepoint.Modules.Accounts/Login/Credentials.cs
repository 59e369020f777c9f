using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>How a player says who it is: by one of a user name with its password, a device, and a token of the studio's own issuer.</summary>
/// <param name="Type">The type of the identity.</param>
/// <param name="Text">The user name, the device id or the token.</param>
/// <param name="Password">Of a name; null of others.</param>
internal sealed record Credentials(string Type, string Text, string? Password)
{
    /// <summary>Reads them of a body.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">There are none, or of two types, or the password is missing.</exception>
    public static Credentials Read(JsonFields fields)
    {
        var (userName, deviceId, token) = (fields.Text("userName"), fields.Text("deviceId"), fields.Text("token"));
        if ((userName is null ? 0 : 1) + (deviceId is null ? 0 : 1) + (token is null ? 0 : 1) != 1)
            throw JsonFields.Invalid("", "has to have one of 'userName', 'deviceId' and 'token'");
        return userName is not null ? new Credentials(IdentityKeys.Name, userName, fields.RequiredText("password"))
            : deviceId is not null ? new Credentials(IdentityKeys.Device, deviceId, Password: null)
            : new Credentials(IdentityKeys.Studio, token!, Password: null);
    }

    /// <summary>The identity that they name, whosever it is.</summary>
    /// <param name="studio">Reads tokens.</param>
    /// <exception cref="Hosting.Problems.ProblemException">It is not of the allowed form, or the token is not genuine.</exception>
    public LinkedIdentity Identify(StudioTokens studio) => Type switch
    {
        IdentityKeys.Name => new LinkedIdentity(IdentityKeys.TryName(Text, out var name) ? name : throw AccountProblems.BadUserName(), Text),
        IdentityKeys.Device => new LinkedIdentity(IdentityKeys.TryDevice(Text, out var device) ? device : throw AccountProblems.BadDeviceId(), Label: null),
        _ => studio.Find(Text) ?? throw AccountProblems.LoginFailed(),
    };
}
