import { createRoot } from "react-dom/client";
import { Auth0Provider, useAuth0 } from "@auth0/auth0-react";
import { useAuthsync } from "./useAuthsync.js";

function App({ apiUrl }) {
  const { isLoading, isAuthenticated, error, loginWithRedirect, logout } = useAuth0();
  const authsync = useAuthsync(apiUrl);
  const isIn = isAuthenticated && !authsync.over;
  const logOut = () => logout({ logoutParams: { returnTo: window.location.origin } });
  return (
    <>
      <header>
        <p className="brand"><img src="icon.svg" alt="" width="28" height="28" /> authsync <span>with React</span></p>
        {isIn && <button id="log-out" className="plain" onClick={logOut}>Log out</button>}
      </header>
      <main>
        {isLoading && <p className="loading">One moment …</p>}
        {isIn && <Account {...authsync} />}
        {!isLoading && !isIn && <Welcome over={authsync.over} error={error} logIn={() => loginWithRedirect()} />}
      </main>
    </>
  );
}

const WHY = {
  ended: "Your session has ended. Log in again to go on.",
  blocked: "Your account is blocked. Please ask whoever runs this application.",
  deleted: "Your account no longer exists.",
};

function Welcome({ over, error, logIn }) {
  return (
    <section className="welcome">
      <h1>Who are you?</h1>
      {over && <p className="trouble" role="alert">{WHY[over]}</p>}
      {!over && error && <p className="trouble" role="alert">{error.message}</p>}
      <button id="log-in" className="primary" onClick={logIn}>Log in</button>
    </section>
  );
}

function Account({ row, socket, trouble }) {
  const { user } = useAuth0();
  return (
    <section className="card narrow">
      <div className="title">
        <h2 id="profile-name">{user.name}</h2>
        <span id="socket-state" className="state" role="status" data-state={socket}>{socket}</span>
      </div>
      {trouble && <p className="trouble" role="alert">{trouble}</p>}
      <dl>
        <dt>id</dt><dd id="row-id">{row?.id ?? "—"}</dd>
        <dt>email</dt><dd id="row-email">{row?.email ?? "—"}</dd>
        <dt>name</dt><dd id="row-name">{row?.name ?? "—"}</dd>
      </dl>
    </section>
  );
}

const { domain, clientId, audience, apiUrl } = await (await fetch("config.json")).json();

createRoot(document.getElementById("root")).render(
  <Auth0Provider
    domain={domain}
    clientId={clientId}
    authorizationParams={{ audience, redirect_uri: window.location.origin }}
    cacheLocation="memory"
    useRefreshTokens
    useRefreshTokensFallback
  >
    <App apiUrl={apiUrl} />
  </Auth0Provider>,
);
