namespace Optc.Bench.Evaluation;

/// <summary>Something that evaluates the model.</summary>
internal interface IContestant : IDisposable
{
    string Name { get; }

    /// <summary>Evaluates a quantity that many times, going round the points from the first.</summary>
    void Run(Quantity quantity, long calls);

    /// <summary>What the last call wrote, in Optc's numbering and layout.</summary>
    void CopyTo(Quantity quantity, Span<double> values);

    /// <summary>An evaluation at one point, for comparison.</summary>
    void Evaluate(Quantity quantity, int point);
}
