namespace System.Runtime.CompilerServices;

/// <summary>Lets the compiler emit <c>init</c> accessors, which records have.</summary>
internal static class IsExternalInit;
