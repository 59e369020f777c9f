using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Cryptography.KeyDerivation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Savepoint.Modules.Accounts.Passwords;

/// <summary>What came of a check.</summary>
/// <param name="IsRight">Whether it is the password.</param>
/// <param name="NewHash">Its hash as it would be made today, where the one that it was checked against is weaker; else null.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? NewHash);

/// <summary>Makes and checks the hashes of passwords (ASP.NET Core Identity's: PBKDF2 with HMAC-SHA-512, a salt of its own for each), on threads of their own.</summary>
internal sealed class PasswordHashes(AccountsOptions options, PasswordThreads threads)
{
    private static readonly object Anybody = new();

    private readonly PasswordHasher<object> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = options.PasswordIterations }));
    private readonly string _nobody = HashOfNothing(options.PasswordIterations);

    /// <summary>What is checked where there is no user.</summary>
    internal string Nobody => _nobody;

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) => threads.RunAsync(() => _hasher.HashPassword(Anybody, password), cancellationToken);

    /// <summary>Checks a password.</summary>
    /// <param name="hash">The hash; null where there is none: then it takes as long, and is wrong.</param>
    /// <param name="password">What was tried.</param>
    /// <param name="onTurn">Called when a thread begins with it; from then on it is carried out, whoever waits.</param>
    /// <param name="cancellationToken">Says that nobody waits for it any more.</param>
    public Task<PasswordCheck> CheckAsync(string? hash, string password, Action? onTurn, CancellationToken cancellationToken) =>
        threads.RunAsync(() => Check(hash, password), onTurn, cancellationToken);

    private PasswordCheck Check(string? hash, string password)
    {
        var result = _hasher.VerifyHashedPassword(Anybody, hash ?? _nobody, password);
        if (hash is null || result == PasswordVerificationResult.Failed)
            return default;
        return new PasswordCheck(IsRight: true, result == PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(Anybody, password) : null);
    }

    /// <summary>What no password has, in the form of a hash (version 3 of ASP.NET Core Identity), so that checking against it takes as long as against any.</summary>
    private static string HashOfNothing(int iterations)
    {
        const int SaltBytes = 16, HeaderBytes = 13, KeyBytes = 32;
        var hash = new byte[HeaderBytes + SaltBytes + KeyBytes];
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), (uint)KeyDerivationPrf.HMACSHA512);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), (uint)iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), SaltBytes);
        RandomNumberGenerator.Fill(hash.AsSpan(HeaderBytes));
        return Convert.ToBase64String(hash);
    }
}
