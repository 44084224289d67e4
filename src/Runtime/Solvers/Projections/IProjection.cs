namespace Optc.Runtime.Solvers.Projections;

/// <summary>The set of values that one elementary operation allows its operands, results included, as its projection: the nearest point of the set.</summary>
public interface IProjection
{
    /// <summary>What it is, for people: <c>dot product</c>, <c>max</c>.</summary>
    string Name { get; }

    /// <summary>Number of operands.</summary>
    int Arity { get; }

    /// <summary>Replaces the operands by the nearest ones that the operation allows. Allocates nothing; may run on any thread.</summary>
    void Project(Span<double> operands);
}
