import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  DuckDBTypeId,
  LIST,
} from '@duckdb/node-api';

/** What a statement is given: numbers become the integer type that the statement expects there. */
export type Parameter = number | string | Uint8Array | null | readonly number[];

interface Statement {
  readonly prepared: DuckDBPreparedStatement;
  readonly types: readonly DuckDBTypeId[];
}

/**
 * One connection with the statements it has prepared; the texts of statements are few, so all are kept. One
 * statement at a time: a second one would end an open stream early, without an error.
 *
 * Only statements with parameters are kept: the database plans those anew each time. One without is planned once,
 * by what the tables held then, and may answer that for good: a count of rows, or a filter that nothing passed.
 */
export class Session {
  readonly connection: DuckDBConnection;
  readonly #statements = new Map<string, Statement>();

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  async run(sql: string, parameters: readonly Parameter[] = []): Promise<DuckDBMaterializedResult> {
    if (parameters.length === 0) return this.connection.run(sql);
    return (await this.#bound(sql, parameters)).run();
  }

  /** The result's chunks are computed as they are fetched, and not kept. */
  async stream(sql: string, parameters: readonly Parameter[]): Promise<DuckDBResult> {
    return (await this.#bound(sql, parameters)).stream();
  }

  /** All rows of a question; `read` takes the columns of a chunk once and gives the reader of its rows. */
  async rows<T>(
    sql: string,
    parameters: readonly Parameter[],
    read: (chunk: DuckDBDataChunk) => (row: number) => T,
  ): Promise<T[]> {
    const result = await this.run(sql, parameters);
    const rows: T[] = [];
    for (let i = 0; i < result.chunkCount; i++) {
      const chunk = result.getChunk(i);
      const length = chunk.rowCount;
      if (length === 0) continue;
      const row = read(chunk);
      for (let j = 0; j < length; j++) rows.push(row(j));
    }
    return rows;
  }

  close(): void {
    this.#statements.clear();
    this.connection.disconnectSync();
  }

  async #bound(sql: string, parameters: readonly Parameter[]): Promise<DuckDBPreparedStatement> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const prepared = await this.connection.prepare(sql);
      const types = parameters.map((_, i) => prepared.parameterTypeId(i + 1));
      statement = { prepared, types };
      this.#statements.set(sql, statement);
    }
    const { prepared, types } = statement;
    parameters.forEach((value, i) => {
      bind(prepared, i + 1, types[i]!, value);
    });
    return prepared;
  }
}

/** A value of another type than expected would make the database plan anew, and without its zone maps. */
function bind(statement: DuckDBPreparedStatement, at: number, type: DuckDBTypeId, value: Parameter): void {
  if (value === null) statement.bindNull(at);
  else if (typeof value === 'string') statement.bindVarchar(at, value);
  else if (value instanceof Uint8Array) statement.bindBlob(at, value);
  else if (typeof value !== 'number') statement.bindList(at, value.map(BigInt), LIST(BIGINT));
  else bindNumber(statement, at, type, value);
}

function bindNumber(statement: DuckDBPreparedStatement, at: number, type: DuckDBTypeId, value: number): void {
  if (type === DuckDBTypeId.USMALLINT) statement.bindUSmallInt(at, value);
  else if (type === DuckDBTypeId.INTEGER) statement.bindInteger(at, value);
  else if (type === DuckDBTypeId.UINTEGER) statement.bindUInteger(at, value);
  else if (type === DuckDBTypeId.BIGINT) statement.bindBigInt(at, BigInt(value));
  else throw new TypeError(`parameter ${at} is no number but of type ${DuckDBTypeId[type]}`);
}
