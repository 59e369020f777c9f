#if !NET
#pragma warning disable MA0182 // The compiler is who uses them.
using System.Runtime.CompilerServices;

namespace System.Runtime.CompilerServices
{
    /// <summary>Lets the compiler emit <c>init</c> accessors.</summary>
    internal static class IsExternalInit;

    /// <summary>Hands the text of an argument to the callee.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    internal sealed class CallerArgumentExpressionAttribute(string parameterName) : Attribute
    {
        public string ParameterName { get; } = parameterName;
    }
}

namespace Savepoint.Client
{
    /// <summary>Members of newer frameworks that the code uses, for netstandard2.1.</summary>
    internal static class Polyfills
    {
        extension(ArgumentNullException)
        {
            public static void ThrowIfNull(object? argument, [CallerArgumentExpression(nameof(argument))] string? name = null)
            {
                if (argument is null)
                    throw new ArgumentNullException(name);
            }
        }
    }
}
#endif
