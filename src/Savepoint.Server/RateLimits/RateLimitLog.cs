using System.Net;

namespace Savepoint.Server.RateLimits;

internal static partial class RateLimitLog
{
    [LoggerMessage(240, LogLevel.Warning, "Requests of {Address} come faster than its limit, and are refused. If that is a proxy of yours, name it in TrustedProxies. This is said once a minute at most, whoever is refused.")]
    public static partial void Refused(ILogger logger, IPAddress? address);
}
