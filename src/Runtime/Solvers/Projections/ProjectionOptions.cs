using static Optc.Runtime.Solvers.OptionTable<Optc.Runtime.Solvers.Projections.ProjectionOptions>;

namespace Optc.Runtime.Solvers.Projections;

/// <summary>What can be set of the projection methods. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record ProjectionOptions
{
    /// <summary>Largest violation, relative to the side, at which the model is solved. Default 1e-8; from 1e-12 to 1e-1.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Violation that is acceptable at a limit. Default 1e-6; not below <see cref="Tolerance"/>.</summary>
    public double AcceptableTolerance { get; init; } = 1e-6;

    /// <summary>Iterations. Default 100000; at least 1.</summary>
    public int MaxIterations { get; init; } = 100000;

    /// <summary>Step β of the reflections. Default 0.8; between 0 and 2.</summary>
    public double Step { get; init; } = 0.8;

    /// <summary>Whether projections are only alternated. Default false.</summary>
    public bool Alternates { get; init; }

    /// <summary>Distance that arguments keep from the switching points of <c>if</c>, <c>floor</c>, <c>ceil</c>, <c>round</c>. Default 1e-3; at least 0, below 0.5.</summary>
    public double Margin { get; init; } = 1e-3;

    /// <summary>Iterations without progress after which it begins again at a random point; 0 for never. Default 5000; at least 0.</summary>
    public int Restart { get; init; } = 5000;

    /// <summary>The options by name.</summary>
    public static OptionTable<ProjectionOptions> Table { get; } = new(
    [
        Number("tolerance", "1e-12 .. 1e-1", "largest relative violation at which it is solved", d => d.Tolerance, (o, v) => o with { Tolerance = v }),
        Number("acceptable_tolerance", "tolerance .. 1", "violation accepted at a limit", d => d.AcceptableTolerance, (o, v) => o with { AcceptableTolerance = v }),
        new("max_iter", "a whole number >= 1", "iterations", "100000", (o, text) => o with { MaxIterations = Whole(text) }),
        Number("beta", "a number between 0 and 2", "step of the reflections", d => d.Step, (o, v) => o with { Step = v }),
        new("method", "reflect or alternate", "Douglas-Rachford reflections, or alternating projections", "reflect", (o, text) => o with { Alternates = ParseMethod(text) }),
        Number("margin", "0 .. 0.5", "distance kept from the switching points of if, floor, ceil, round", d => d.Margin, (o, v) => o with { Margin = v }),
        new("restart", "a whole number >= 0, 0 = never", "iterations without progress after which it begins again at a random point", "5000", (o, text) => o with { Restart = Whole(text) }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Table.Require(Tolerance is >= 1e-12 and <= 1e-1, "tolerance", Tolerance);
        Table.Require(AcceptableTolerance >= Tolerance && AcceptableTolerance <= 1.0, "acceptable_tolerance", AcceptableTolerance);
        Table.Require(MaxIterations >= 1, "max_iter", MaxIterations);
        Table.Require(Step is > 0.0 and < 2.0, "beta", Step);
        Table.Require(Restart >= 0, "restart", Restart);
        Table.Require(Margin is >= 0.0 and < 0.5, "margin", Margin);
    }

    private static bool ParseMethod(string text) => text switch
    {
        "reflect" => false,
        "alternate" => true,
        _ => throw new FormatException(),
    };
}
