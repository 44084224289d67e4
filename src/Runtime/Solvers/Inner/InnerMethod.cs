using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>How subproblems (problems without constraints: the problem itself) are minimised; docs/inner.md has each method.</summary>
public enum InnerMethod
{
    /// <summary>Chosen by what is known of the problem.</summary>
    Auto,

    /// <summary>Newton's method with a barrier for bounds and a sparse factorisation.</summary>
    Newton,

    /// <summary>Limited-memory BFGS with bounds.</summary>
    Lbfgs,

    /// <summary>Truncated Newton with conjugate gradients.</summary>
    Cg,

    /// <summary>Levenberg-Marquardt, for sums of squares and systems of equations.</summary>
    Lm,

    /// <summary>Damped Newton.</summary>
    Damped,

    /// <summary>Gradient-regularised Newton.</summary>
    GradientRegularized,

    /// <summary>Saddle-free Newton.</summary>
    SaddleFree,
}

/// <summary>The names of the methods as options have them.</summary>
public static class InnerMethods
{
    private static readonly (InnerMethod Method, string Name)[] Names =
    [
        (InnerMethod.Auto, "auto"),
        (InnerMethod.Newton, "newton"),
        (InnerMethod.Lbfgs, "lbfgs"),
        (InnerMethod.Cg, "cg"),
        (InnerMethod.Lm, "lm"),
        (InnerMethod.Damped, "damped"),
        (InnerMethod.GradientRegularized, "gradient-regularized"),
        (InnerMethod.SaddleFree, "saddle-free"),
    ];

    /// <summary>All names, separated by bars.</summary>
    public static string Range { get; } = string.Join('|', Names.Select(n => n.Name));

    /// <summary>The name of a method.</summary>
    public static string Name(InnerMethod method) => Array.Find(Names, n => n.Method == method).Name;

    /// <summary>Why a method makes no sense for a problem; null when it does.</summary>
    public static string? Obstacle(InnerMethod method, INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return method switch
        {
            InnerMethod.Lm when problem.LeastSquares is { Problem: null } form => form.Obstacle,
            _ => null,
        };
    }

    /// <summary>The method of a name; a <see cref="FormatException"/> when there is none.</summary>
    public static InnerMethod Parse(string name)
    {
        foreach ((InnerMethod method, string known) in Names)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) return method;
        }
        throw new FormatException();
    }
}
