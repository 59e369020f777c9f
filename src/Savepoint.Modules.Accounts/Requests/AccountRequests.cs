using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.State;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>What the endpoints read of requests.</summary>
internal static class AccountRequests
{
    /// <summary>More than any body here has.</summary>
    public const int MaxBodyBytes = 8 << 10;

    public static string? AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    /// <summary>What the client says of itself.</summary>
    public static ClientInfo ClientOf(HttpContext context, JsonFields fields)
    {
        var device = fields.Text("device");
        if (device is { Length: 0 or > NewSession.MaxDeviceLength } || device?.Any(char.IsControl) == true)
            throw fields.Wrong("device", $"has 1 to {NewSession.MaxDeviceLength} characters");
        return new ClientInfo(device, AddressOf(context));
    }

    /// <summary>Reads a body that may be missing: one of no bytes is, whatever its type says. One that does not say what it is is refused, and not passed over.</summary>
    public static async Task ReadOptionalAsync(HttpContext context, Action<JsonFields> read)
    {
        using var body = await JsonBody.ReadOptionalAsync(context.Request, context.RequestAborted);
        if (body is null)
            return;
        var fields = new JsonFields(body.RootElement);
        read(fields);
        fields.EndOfFields();
    }

    /// <summary>The outcome of a request, for its metric.</summary>
    public static string OutcomeOf(ProblemException problem) => problem.Error.Code switch
    {
        AccountCodes.LoginFailed => "failed",
        AccountCodes.LockedOut => "locked_out",
        AccountCodes.Busy => "busy",
        AccountCodes.RefreshInvalid => "invalid",
        AccountCodes.RefreshReused => "reused",
        AccountCodes.IdentityTaken => "taken",
        _ => problem.Status < StatusCodes.Status500InternalServerError ? "malformed" : "error",
    };
}
