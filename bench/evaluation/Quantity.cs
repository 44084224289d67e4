namespace Optc.Bench.Evaluation;

/// <summary>What is timed, numbered as in bench/peers/driver.c.</summary>
internal enum Quantity
{
    Objective,
    Gradient,
    Constraints,
    Jacobian,
    Hessian,

    /// <summary>The five in turn at each point.</summary>
    All,
}
