using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Savepoint.Server.Metrics;

/// <summary>
/// What requests took, by the route that they came by, their method and the class of their status. ASP.NET Core measures by more (each status, protocol, scheme), which
/// would be more series than are kept. Of addresses that no endpoint has, the route is <c>none</c>.
/// </summary>
/// <remarks>Each request records one: found by a hash in 65 ns, where a look through 100 series takes 500.</remarks>
internal sealed class RequestDurations(Instrument instrument) : InstrumentSeries(instrument, Bounds)
{
    // One at each threshold that is watched, so that the share above it is exact.
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30];

    private readonly ConcurrentDictionary<Place, Series?> _known = new();

    public static bool Is(Instrument instrument) => instrument is { Name: "http.server.request.duration", Meter.Name: "Microsoft.AspNetCore.Hosting" };

    public override void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (method, route, status) = ("", "none", 0);
        foreach (ref readonly var tag in tags)
        {
            switch (tag.Key)
            {
                case "http.request.method": method = tag.Value as string ?? method; break;
                case "http.route": route = tag.Value as string ?? route; break;
                case "http.response.status_code": status = tag.Value as int? ?? 0; break;
            }
        }

        var place = new Place(method, route, status / 100);
        if (!_known.TryGetValue(place, out var series))
            series = _known.GetOrAdd(place, Add(TagsOf(place)));
        series?.Record(value);
    }

    private static KeyValuePair<string, object?>[] TagsOf(Place place) =>
    [
        new("http.request.method", place.Method), new("http.route", place.Route), new("http.response.status_class", $"{place.StatusClass}xx"),
    ];

    private readonly record struct Place(string Method, string Route, int StatusClass);
}
