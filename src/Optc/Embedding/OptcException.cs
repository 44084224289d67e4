using Optc.Compiler;
using Optc.Parser;

namespace Optc;

/// <summary>The model or its data are wrong. The message is the diagnostic as the command line prints it.</summary>
public sealed class OptcException : Exception
{
    internal OptcException(Diagnostic diagnostic)
        : this(new EngineDiagnostic(diagnostic))
    {
    }

    private OptcException(EngineDiagnostic diagnostic)
        : base(diagnostic.Rendered)
    {
        (Code, Line, Column) = (diagnostic.Code, diagnostic.Line, diagnostic.Column);
    }

    /// <summary>A stable code such as <c>unknown-name</c>.</summary>
    public string Code { get; }

    /// <summary>Line from 1; 0 where the message belongs to no line.</summary>
    public int Line { get; }

    /// <summary>Column from 1.</summary>
    public int Column { get; }

    /// <summary>Runs an action with model errors as <see cref="OptcException"/>.</summary>
    internal static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ModelError error)
        {
            throw new OptcException(error.Data0);
        }
    }
}
