namespace Optc.Runtime.Solvers.Inner;

/// <summary>How a minimisation ended.</summary>
internal enum InnerEnd
{
    /// <summary>Stationary to the tolerance.</summary>
    Stationary,

    /// <summary>No way on was found.</summary>
    Stuck,

    /// <summary>A limit that the caller watches.</summary>
    Stopped,
}

/// <summary>The loop that all strategies share: steps until the point is stationary.</summary>
internal sealed class InnerLoop(InnerPoint point, IStepStrategy strategy)
{
    /// <summary>Minimises from the point as it is evaluated; <paramref name="stop"/> is asked after every step.</summary>
    public InnerEnd Minimise(double tolerance, Func<bool> stop)
    {
        int idle = 0;
        while (true)
        {
            if (point.Stationarity <= tolerance && !strategy.LeavesSaddle(point)) return InnerEnd.Stationary;
            if (stop()) return InnerEnd.Stopped;
            if (strategy.Step(point) == StepEnd.Moved)
            {
                // A step that changes no bit will change none the next time.
                idle = point.StepNorm > 0.0 ? 0 : idle + 1;
                if (idle < 2) continue;
            }
            strategy.Reset();
            if (!point.Evaluate() || idle > 0 || strategy.Step(point) != StepEnd.Moved) return InnerEnd.Stuck;
        }
    }
}
