using Savepoint.Documents;

namespace Savepoint.Simulation;

/// <summary>A version and its document of one moment, from a copy that goes on meanwhile where there are threads.</summary>
internal static class Moment
{
    public static (long Version, Document Document) Of(Func<long> version, Func<Document> copy)
    {
        while (true)
        {
            var before = version();
            var document = copy();
            if (version() == before)
                return (before, document);
        }
    }
}
