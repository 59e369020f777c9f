using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Savepoint.Engine.Storage;

namespace Savepoint.Modules.Economy;

/// <summary>Where a page of the ledger has ended, as text that means nothing to clients.</summary>
internal static class LedgerPosition
{
    public static string Of(LedgerRow row) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes<string[]>([row.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), row.Kind, row.Path, row.Reason]));

    public static LedgerRow? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(text)) is [{ } day, { } kind, { } path, { } reason]
                && DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
                ? new LedgerRow(at, kind, path, reason)
                : null;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return null;
        }
    }
}
