/** Why something wasn't taken, read out as it appears. */
export function Problems({ problems }: { problems: string[] }) {
  return (
    <ul role="alert" className="problems">
      {problems.map(problem => (
        <li key={problem}>{problem}</li>
      ))}
    </ul>
  )
}
