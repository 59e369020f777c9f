using System.ComponentModel.DataAnnotations;

namespace Savepoint.Hosting.Tokens;

/// <summary>How the server signs the tokens of players who log in at it; part of the settings <c>Savepoint:Accounts</c>, the same on all nodes.</summary>
public class IssuedTokenOptions
{
    /// <summary>The issuer that the tokens name. The default value is <c>savepoint</c>.</summary>
    [Required, StringLength(256, MinimumLength = 1)]
    public string Issuer { get; set; } = "savepoint";

    /// <summary>The audience that the tokens name. The default value is <c>savepoint</c>.</summary>
    [Required, StringLength(256, MinimumLength = 1)]
    public string Audience { get; set; } = "savepoint";

    /// <summary>
    /// How long a key signs before the next one takes its place; its tokens stay valid for as long again, so no token may live longer. Between an hour and a year; the default value is 30 days.
    /// </summary>
    public TimeSpan KeyRotation { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Another number makes other keys: all tokens of the former ones are refused at once. The default value is 0.</summary>
    [Range(0, int.MaxValue)]
    public int KeyGeneration { get; set; }
}
