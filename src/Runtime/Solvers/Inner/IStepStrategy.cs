namespace Optc.Runtime.Solvers.Inner;

/// <summary>How one step of an inner method ended.</summary>
internal enum StepEnd
{
    /// <summary>At a new point.</summary>
    Moved,

    /// <summary>No acceptable point was found.</summary>
    Stuck,
}

/// <summary>One way to go from a point to a better one; the loop around it is <see cref="InnerLoop"/>.</summary>
internal interface IStepStrategy
{
    /// <summary>Forgets what was learnt of another function.</summary>
    void Reset();

    /// <summary>Takes one step. At the start, value, gradient and held variables belong to the point, and so they do at the end.</summary>
    StepEnd Step(InnerPoint at);

    /// <summary>
    /// Called where the gradient vanishes: a strategy that can tell a saddle from a minimum goes on from it (true), the others do nothing.
    /// </summary>
    bool LeavesSaddle(InnerPoint at) => false;
}
